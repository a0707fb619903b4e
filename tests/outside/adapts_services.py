import dataclasses

from pdpp_host.hookspecs import hookimpl
from pdpp_host.services import Services


@hookimpl
def adapt_services(services: Services) -> Services:
    return dataclasses.replace(services, run_limit_s=60.0)
