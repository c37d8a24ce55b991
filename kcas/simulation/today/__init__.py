"""How will today end: the rest of the day simulated from how the desk stands now?"""
