"""Who somebody is: cases of identification, and the evidence for them."""
