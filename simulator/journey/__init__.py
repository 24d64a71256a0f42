"""Who does what, when: the population, its visits, and what a person does on a page, as stimuli for the SDK.

May import profile, schema and kernel. Never sees an answer of a collector: behaviour is drawn before it is played.

- world.py: the profile as integer records and tables that compiled code reads; build.py makes it
- population.py: who the devices are
- arrivals.py: when a device's next visit begins
- agenda.py: what is about to happen on a device
- walk.py: the visit: pages, acts, trips, crashes
- details.py: the values of one event, drawn again from (device, ref) whenever they are needed
"""
