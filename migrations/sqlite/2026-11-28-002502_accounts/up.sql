-- Whether the password has four digits; unknown until the next log-in for one of before.
ALTER TABLE account ADD COLUMN four_digits INTEGER;
