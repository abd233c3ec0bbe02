DROP TABLE share_passing;
