"""The conformance kit of the Personal Data Portability Protocol."""

__version__ = "0.1.0"
