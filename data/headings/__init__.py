"""What people call columns, units and values, in Chinese and English."""
