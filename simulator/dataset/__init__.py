"""Datasets: blocks of devices, each played on its own into a file, and a manifest that says what they hold.

May import play and the rooms below it.

- generate.py: the blocks of a dataset: which are done, which are to be made; resume.py: what is there, and what may be done about it
- local.py, cluster.py: make blocks in processes of this machine, or on a Dask cluster
- block.py: plays one block into files; folder.py: where they are written
- sink.py: what rows of events are written with; payloads.py, sessions.py: the other kinds of rows;
  parquet.py: events as Parquet; table.py: Arrow, and Parquet of the other kinds
- labels.py: incidents.ndjson, the truth about which incidents met whom
- sql.py: a dataset as a database, to be asked
- manifest.py: what stands in manifest.json
"""
