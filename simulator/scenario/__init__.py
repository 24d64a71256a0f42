"""The scripted form: reads a script, interns its strings, plays it through the SDK core as a page in a browser would, and writes run files.

May import play and the rooms below it. What a script says is a browser's business here (entries, answers, elements); what becomes of it is sdk's.

- script.py: a scenario as it stands in a file
- browser.py: what is shared by pages: clock, storage, what was sent
- page.py: one document: its operations as stimuli, its timers in step with the core's
- values.py: the values that the real SDK reads off entries, and its filters
- body.py: a flushed queue as the real SDK's request
- run.py: plays a scenario and writes its run file
"""
