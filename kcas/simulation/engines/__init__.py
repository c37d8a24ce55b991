"""The workload and the two engines that run it: SimPy for reading, compiled code for speed."""
