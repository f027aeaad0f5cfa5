"""Back-tests of journeys: started, watched and cancelled by the API and from the command line."""
