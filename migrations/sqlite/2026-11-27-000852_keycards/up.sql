-- The session that ordered the card: it alone may fetch the new card without showing more.
ALTER TABLE keycard ADD COLUMN ordered_by BLOB;
