"""The embedded collector: a server of its own process that receives, stores, answers, and misbehaves on demand; and what it stored, read back.

May import schema, kernel, profile and errors; uvicorn only in server.py, duckdb only inside read_back's functions. The way of a payload:

    app (HTTP) -> payload (taken apart or refused) -> store (de-duplicated, appended) -> 204
                        faults bend either step; read_back starts from the files alone

| file in the folder | what it holds |
|---|---|
| segment-NNNNN.ndjson | accepted payloads, one line each, never rewritten |
| faults.ndjson | every fault done on purpose, one line each |
| config-APP.json | the remote configuration of an app |
| collector.json | url and pid, while a server is listening |
| lock | held by the one process that stores here |
"""
