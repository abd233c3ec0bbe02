DROP TABLE api_token;
DROP TABLE session;
DROP TABLE login;
