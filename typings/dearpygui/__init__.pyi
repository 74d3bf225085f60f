"""Types of the Dear PyGui package; see dearpygui.pyi."""
