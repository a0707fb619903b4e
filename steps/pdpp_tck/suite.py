"""The one module that binds the features' scenarios to pytest."""

from pytest_bdd import scenarios

from pdpp_tck.pytest_plugin import active_plans

scenarios(str(active_plans()[0].features))
