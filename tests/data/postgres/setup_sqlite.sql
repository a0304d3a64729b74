CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, active BOOLEAN, age INTEGER, created_at TIMESTAMP, score NUMERIC, data JSON, tags TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, total NUMERIC(10,2), status TEXT, placed_at TIMESTAMP);
INSERT INTO users VALUES (1,'Ann','ann@x.org',true,30,'2024-02-29 10:20:30',1.5,'{"a":1,"b":{"c":"x"},"t":["p","q"]}','["red","blue"]'),
 (2,'bob','BOB@x.org',false,NULL,'2024-03-01 00:00:00',2.5,'{"a":2,"t":[]}','[]'),(3,NULL,NULL,true,25,NULL,NULL,NULL,NULL),(4,'Éva','eva@y.org',true,30,'2023-12-31 23:59:59',-1.5,'{"a":"1"}','["green"]');
INSERT INTO orders VALUES (1,1,10.50,'new','2024-02-29 11:00:00'),(2,1,20.00,'paid','2024-03-05 12:00:00'),(3,2,5.25,'new','2024-03-06 00:00:00'),(4,4,7.00,NULL,NULL);
