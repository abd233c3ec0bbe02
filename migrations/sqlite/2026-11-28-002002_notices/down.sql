DROP TABLE former_contact;
