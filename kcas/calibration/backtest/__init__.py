"""Back-test of the fitted model against days that it was not fitted to, with baseline forecasts beside it."""
