"""What goes over HTTP: the bodies that the host takes and the answers that it gives."""
