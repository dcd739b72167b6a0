"""The folders: durable files, scanning, claiming, delivering; on real file systems."""
