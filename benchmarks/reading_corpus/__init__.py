"""Files a contact centre might upload, each with its right reading; all calls in them are invented."""
