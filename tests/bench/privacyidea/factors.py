"""privacyIDEA over PostgreSQL with HOTP tokens, to be asked by the bench itself.

Usage: factors.py FOLDER DATABASE WORKERS USERS PEOPLE PASSWORD MEMORY_KIB PASSES LANES. Sets it up: USERS plain0, plain1, ... with a token each and no
PIN (privacyIDEA's defaults), and PEOPLE person0, person1, ... whose token's PIN is the password, hashed by argon2id with these costs. A token's seed is
its serial number, again and again up to 20 octets. Prints its port and the processes to be measured, and serves until its input ends.
"""
import sys

from serving import Served

folder, database, workers, users, people, password, memory, passes, lanes = sys.argv[1:]
plain = [f"plain{number}" for number in range(int(users))]
persons = [f"person{number}" for number in range(int(people))]
costs = {"argon2__memory_cost": int(memory), "argon2__rounds": int(passes), "argon2__parallelism": int(lanes)}
served = Served(folder, database.replace("postgres://", "postgresql+psycopg2://", 1), plain + persons, int(workers), f"PI_HASH_ALGO_PARAMS = {costs}")
try:
    for user in plain + persons:
        pin = {"pin": password} if user in persons else {}
        seed = (user * 20)[:20].encode().hex()
        served.ask("POST", "/token/init", type="hotp", otpkey=seed, genkey="0", user=user, realm="corp", serial=user, **pin)
    processes = served.workers()
    assert len(processes) == int(workers), processes
    print(served.port, *processes, flush=True)
    sys.stdin.read()
finally:
    served.stop()
