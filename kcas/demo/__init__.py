"""An invented year of this desk: sample logs to try the product on, labelled invented wherever they show."""
