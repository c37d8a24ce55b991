"""Attribution of a difference in the rate to calls, their hours, their length, staff and random variation."""
