"""The sandbox: a real CSC v2 service, TSA, OCSP and CRL on loopback, with throw-away keys.

For the demonstration, the tests and evaluation sites; a production site uses none of it and
refuses its certificates.
"""
