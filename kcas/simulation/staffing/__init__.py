"""How many agents keep the desk at target, on which shifts, and what does each further agent buy?"""
