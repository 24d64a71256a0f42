"""Datasets: blocks of devices, each played on its own into a file, and a manifest that says what they hold.

May import play and the rooms below it.

- block.py: plays one block into a file
- generate.py: the blocks of a dataset, in this process or in several
- labels.py: incidents.ndjson, the truth about which incidents met whom
- sql.py: a dataset as a database, to be asked
- manifest.py: what stands in manifest.json
"""
