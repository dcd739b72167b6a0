"""PDF documents: facts, prepare, embed, verify and draw; the only room that knows pyHanko.

Everything that looks into a user's file runs in a child process (`child`), reached through
`reader.ReaderDocuments`. The other modules of this room run on the child's side.
"""
