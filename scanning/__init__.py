"""What every scan station shares: reading codes from pictures, and the page's scripts and sounds."""
