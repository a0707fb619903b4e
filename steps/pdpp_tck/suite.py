"""The one module that binds the features' scenarios to pytest."""

from pytest_bdd import scenarios

from pdpp_tck.pytest_plugin import active_plans

_plan = active_plans()[0]

scenarios(*(str(folder) for folder in (_plan.features, _plan.beside) if folder))
