DROP TABLE directory_question;
