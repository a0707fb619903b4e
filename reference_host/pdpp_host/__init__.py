"""One host that obeys the Personal Data Portability Protocol."""

__version__ = "0.1.0"
