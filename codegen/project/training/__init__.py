"""The parts that training scripts are made of: text to copy, which the editor never imports.

To a part, ``model`` is the generated module, whose class it calls ``Model``, and ``train`` is the
script that it becomes a part of. A line that ends in ``# when a, b`` stays only in scripts for
which a or b holds. `codegen.project.train_script` puts the parts together.
"""
