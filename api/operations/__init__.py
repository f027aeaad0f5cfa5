"""Operations on one run or thousands, and the trouble that they are for."""
