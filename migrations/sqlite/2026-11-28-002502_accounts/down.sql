ALTER TABLE account DROP COLUMN four_digits;
