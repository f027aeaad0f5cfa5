"""Messages before they are sent: templates and their checks, composing, rendering, limits, links."""
