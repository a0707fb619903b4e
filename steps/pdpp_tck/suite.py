"""The one module that binds the features' scenarios to pytest."""

from pytest_bdd import scenarios

from pdpp_tck.pytest_plugin import active_plan

scenarios(str(active_plan().features))
