"""Who does what, when: the population, its visits, and what a person does on a page, as stimuli for the SDK.

May import profile, schema and kernel. Never sees an answer of a collector: behaviour is drawn before it is played.

- world.py: the profile as integer records and tables that compiled code reads; build.py makes it, build_people.py its population,
  build_incidents.py its incidents, tabulate.py their tables
- population.py: who the devices are
- arrivals.py: when a device's next visit begins
- agenda.py: what is about to happen on a device
- walk.py: the visit: pages, trips, crashes, the end; page.py: what happens on a page; visitor.py: what both plan with
- incidents.py: which incident meets what; reactions.py: how long people wait
- exchange.py: the phases of a request; details.py: the values of any event. Both are drawn again from (device, ref) whenever they are needed,
  a request's phases unless they are remembered
"""
