"""Studies: the questions people ask, as sequences of the verbs prepare, deploy, play and bill."""
