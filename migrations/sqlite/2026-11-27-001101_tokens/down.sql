DROP TABLE code_token;
