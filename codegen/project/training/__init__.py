"""The parts of training scripts: files whose text is copied, and which nothing imports.

In a part, ``model`` is the generated module, whose class is called ``Model``, and ``train`` is
the script that the part is copied into. A line that ends in ``# when a, b`` is copied only if
the mark a or the mark b holds for the model. `codegen.project.train_script` decides which marks
hold, and joins the parts.
"""
