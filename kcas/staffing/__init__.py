"""Staffing: agents needed to meet a target, their shifts, and the value of each further agent."""
