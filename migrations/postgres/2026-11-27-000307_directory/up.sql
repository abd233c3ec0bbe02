-- How many questions a network asked within the minute, over all nodes of one database. A file has one node, which counts in memory.
CREATE TABLE directory_question (
    network TEXT NOT NULL PRIMARY KEY,
    asked BIGINT NOT NULL,
    began_at BIGINT NOT NULL
);
CREATE INDEX directory_question_began ON directory_question (began_at);
