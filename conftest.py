pytest_plugins = ["pdpp_tck.pytest_plugin"]
