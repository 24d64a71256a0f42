"""Events to bytes: formats are data for one compiled renderer. The only room that knows names on the wire.

May import profile, schema and kernel. Formats never import each other.

- fields.py: each field's slot and form, and the order of the fields of each event by platform
- meanings.py: what each column means, its unit, and who has seen its name
- layout.py: turns a format into operations (constant bytes, then a typed slot); members.py: a field; entries.py: a performance entry;
  application.py: which application reports
- render.py: the one loop that prints them
- arms.py: ARMS RUM JSON payloads
- row.py: what stands in a stored row; ndjson.py: as JSON; pack.py: as msgpack; columns.py: as columns; pages.py: columns as Parquet's pages
- posts.py: payloads as rows, of which those of JSON are printed by programs that stand inside a string
"""
