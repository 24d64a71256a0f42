"""The scripted form: reads a script, interns its strings, plays it through the SDK core as a page in a browser would, and writes run files.

May import play and the rooms below it. What a script says is a browser's business here (entries, answers, elements); what becomes of it is sdk's.

- script.py: a scenario as it stands in a file
- steps.py: what its steps have to say
- browser.py, cookies.py: what is shared by pages: clock, storage, cookies, what was sent
- page.py: one document: stimuli for the core, its timers in step with the core's, the values of its events
- setup.py: what `init` and a remote configuration set up
- operations.py, network.py, elements.py, entries.py: what a script can do to a document
- vitals.py, values.py, trace.py, body.py: what the real SDK reads, and what it writes
- settings.py: the configuration, and what wrong values get
- js.py, urls.py: values as JavaScript has them, URLs as browsers do
- run.py: plays a scenario, and writes its run file
"""
