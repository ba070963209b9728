"""Asks DuckDB and chDB what `cargo xtask bench journey` asks the kernels, and checks that they find the same.

engines.py FOLDER OURS.json: FOLDER holds the log as Parquet, OURS.json what the example `bench` of the crate printed.

Each engine loads the events into its own tables, in every form that suits a question: rows ordered by customer and time,
and one row a customer with arrays, which is quick to read and takes no new event without being written anew. A question is
asked in each of these forms, warm, with two threads. Prints one line of JSON.
"""

import json
import sys
import time

import chdb.session
import duckdb

RUNS = 5
FOLDER, OURS = sys.argv[1], json.load(open(sys.argv[2]))
KERNELS = OURS["kernels"]
STEPS = OURS["funnel"]
WINDOW = OURS["window_ms"]
BOUNDS = OURS["bounds"]
WEEK = BOUNDS[1] - BOUNDS[0]
CONTACT = OURS["contact"]
HORIZON = OURS["horizon_ms"]


class Duck:
    """DuckDB: a table of rows in order, and a table of lists."""

    name = "DuckDB"

    def __init__(self):
        self.db = duckdb.connect(config={"threads": 2})
        self.ask(f"""CREATE TABLE events AS
            SELECT customer::INTEGER customer, epoch_ms("at") ms, touchpoint::UTINYINT touchpoint
            FROM read_parquet('{FOLDER}/*.parquet') ORDER BY customer, "at" """)
        self.ask("""CREATE TABLE ways AS
            SELECT customer, list(touchpoint ORDER BY ms) touchpoints, list(ms ORDER BY ms) times
            FROM events GROUP BY customer ORDER BY customer""")

    def ask(self, sql):
        return self.db.execute(sql).fetchall()

    def questions(self):
        timed = "count(*), avg(d), quantile_disc(d, 0.5), quantile_disc(d, 0.9)"
        window = "WINDOW w AS (PARTITION BY customer ORDER BY ms)"
        pairs = f"SELECT touchpoint a, lead(touchpoint) OVER w b FROM events {window}"
        pairs_timed = f"SELECT touchpoint a, lead(touchpoint) OVER w b, lead(ms) OVER w - ms d FROM events {window}"
        # Rows lie in order: a neighbour needs no sort, only a look whether it is of the same customer.
        side = "SELECT touchpoint a, lead(touchpoint) OVER () b, lead(customer) OVER () = customer same FROM events"
        side_timed = side.replace(" FROM", ", lead(ms) OVER () - ms d FROM")
        lists = "SELECT unnest(touchpoints[:-2]) a, unnest(touchpoints[2:]) b FROM ways WHERE len(touchpoints) > 1"
        lists_timed = lists.replace(" FROM", ", unnest(times[2:]) - unnest(times[:-2]) d FROM")
        yield "map_counts", {
            "rows, window": f"SELECT a, b, count(*) FROM ({pairs}) WHERE b IS NOT NULL GROUP BY a, b",
            "rows, neighbours": f"SELECT a, b, count(*) FROM ({side}) WHERE same GROUP BY a, b",
            "arrays": f"SELECT a, b, count(*) FROM ({lists}) GROUP BY a, b",
        }
        yield "map_durations", {
            "rows, window": f"SELECT a, b, {timed} FROM ({pairs_timed}) WHERE b IS NOT NULL GROUP BY a, b",
            "rows, neighbours": f"SELECT a, b, {timed} FROM ({side_timed}) WHERE same GROUP BY a, b",
            "arrays": f"SELECT a, b, {timed} FROM ({lists_timed}) GROUP BY a, b",
        }
        yield "funnel", {"rows, windows": self.funnel()}
        numbered = f"SELECT touchpoint a, lead(touchpoint) OVER w b, row_number() OVER w - 1 step FROM events {window}"
        steps = " UNION ALL ".join(
            f"SELECT {n} step, touchpoints[{n + 1}] a, touchpoints[{n + 2}] b FROM ways WHERE len(touchpoints) > {n + 1}"
            for n in range(4))
        yield "paths", {
            "rows, window": f"SELECT step, a, b, count(*) FROM ({numbered}) WHERE step < 4 AND b IS NOT NULL GROUP BY ALL",
            "arrays": f"SELECT step, a, b, count(*) FROM ({steps}) GROUP BY ALL",
        }
        week = f"((ms - {BOUNDS[0]}) // {WEEK})"
        first = f"SELECT customer, min({week}) w FROM events WHERE ms < {BOUNDS[-1]} GROUP BY customer"
        active = f"SELECT DISTINCT customer, {week} w FROM events WHERE ms < {BOUNDS[-1]}"
        weeks = (f"list_distinct(list_transform(list_filter(times, lambda ms: ms < {BOUNDS[-1]}), lambda ms: {week}))")
        yield "retention", {
            "rows, join": f"SELECT f.w, a.w - f.w, count(*) FROM ({active}) a JOIN ({first}) f USING (customer) GROUP BY ALL",
            "arrays": f"""SELECT first, w - first, count(*)
                FROM (SELECT list_min(v) first, unnest(v) w FROM (SELECT {weeks} v FROM ways)) GROUP BY ALL""",
        }
        # Only what the kernel begins with: how many meet each touchpoint, have a contact in the week after, and in the
        # week before. No likes are compared with likes, nothing is said of chance.
        call = f"CASE WHEN touchpoint = {CONTACT} THEN ms END"
        after = f"min({call}) OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
        before = f"max({call}) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        yield "friction", {
            "rows, window, counts alone": f"""SELECT touchpoint, count(*), count(*) FILTER (after <= ms + {HORIZON}),
                count(*) FILTER (before >= ms - {HORIZON})
                FROM (SELECT touchpoint, ms, {after} after, {before} before FROM events {window}) GROUP BY touchpoint""",
        }

    def funnel(self):
        """The chain that began last at each step, as windows over windows."""
        sql = f"""SELECT customer, ms, touchpoint, CASE WHEN touchpoint = {STEPS[0]} THEN ms END s0
            FROM events WHERE touchpoint IN {tuple(STEPS)}"""
        for n, step in enumerate(STEPS[1:], 1):
            sql = f"""SELECT *, CASE WHEN touchpoint = {step} AND ms - last{n} <= {WINDOW} THEN last{n} END s{n} FROM (
                SELECT *, last_value(s{n - 1} IGNORE NULLS) OVER (PARTITION BY customer ORDER BY ms, touchpoint
                ROWS UNBOUNDED PRECEDING) last{n} FROM ({sql}))"""
        counts = ", ".join(f"count(DISTINCT customer) FILTER (s{n} IS NOT NULL)" for n in range(len(STEPS)))
        return f"SELECT {counts} FROM ({sql})"


class House:
    """ClickHouse inside chDB: a MergeTree of rows in order, and one of arrays."""

    name = "chDB"

    def __init__(self):
        self.db = chdb.session.Session()
        self.ask("CREATE DATABASE log ENGINE = Atomic")
        self.ask("""CREATE TABLE log.events (customer UInt32, ms Int64, touchpoint UInt8)
            ENGINE = MergeTree ORDER BY (customer, ms)""")
        self.ask(f"""INSERT INTO log.events SELECT customer, toUnixTimestamp64Milli(at), touchpoint
            FROM file('{FOLDER}/*.parquet', Parquet)""")
        self.ask("OPTIMIZE TABLE log.events FINAL")
        self.ask("""CREATE TABLE log.ways (customer UInt32, touchpoints Array(UInt8), times Array(Int64))
            ENGINE = MergeTree ORDER BY customer""")
        self.ask("""INSERT INTO log.ways SELECT customer, groupArray(touchpoint), groupArray(ms)
            FROM (SELECT * FROM log.events ORDER BY customer, ms) GROUP BY customer""")
        self.ask("OPTIMIZE TABLE log.ways FINAL")

    def ask(self, sql):
        text = str(self.db.query(sql, "JSONCompactEachRow"))
        return [tuple(json.loads(line)) for line in text.splitlines() if line]

    def questions(self):
        settings = "SETTINGS max_threads = 2, output_format_json_quote_64bit_integers = 0"
        in_order = f"{settings}, optimize_aggregation_in_order = 1"
        over = "OVER (PARTITION BY customer ORDER BY ms ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)"
        pairs = f"SELECT touchpoint a, leadInFrame(touchpoint, 1, 255) {over} b FROM log.events"
        pairs_timed = pairs.replace(" FROM", f", leadInFrame(ms, 1, 0) {over} - ms d FROM")
        # One number a pair: grouped by it without a hash table.
        coded = "arrayMap((a, b) -> toUInt16(a) * 32 + b, arrayPopBack(touchpoints), arrayPopFront(touchpoints))"
        arrays = f"SELECT arrayJoin({coded}) c FROM log.ways"
        grouped = f"SELECT arrayJoin({coded}) c FROM (SELECT groupArray(touchpoint) touchpoints FROM log.events GROUP BY customer)"
        joined = f"SELECT c, d FROM log.ways ARRAY JOIN {coded} AS c, arrayPopFront(arrayDifference(times)) AS d"
        timed = "count(), avg(d), quantilesExact(0.5, 0.9)(d)"
        pair = "intDiv(c, 32) a, c % 32 b"
        yield "map_counts", {
            "rows, window": f"SELECT a, b, count() FROM ({pairs}) WHERE b != 255 GROUP BY a, b {settings}",
            "rows, grouped": f"SELECT {pair}, count() FROM ({grouped}) GROUP BY c {in_order}",
            "arrays": f"SELECT {pair}, count() FROM ({arrays}) GROUP BY c {settings}",
        }
        yield "map_durations", {
            "rows, window": f"SELECT a, b, {timed} FROM ({pairs_timed}) WHERE b != 255 GROUP BY a, b {settings}",
            "arrays": f"SELECT {pair}, {timed} FROM ({joined}) GROUP BY c {settings}",
        }
        conditions = ", ".join(f"touchpoint = {step}" for step in STEPS)
        funnel = f"SELECT customer, windowFunnel({WINDOW})(toUInt64(ms), {conditions}) level FROM log.events"
        some = f"WHERE touchpoint IN {tuple(STEPS)}"
        levels = ", ".join(f"countIf(level >= {n + 1})" for n in range(len(STEPS)))
        masks = ", ".join(f"arrayMap(t -> t = {step}, touchpoints)" for step in STEPS)
        reduced = f"arrayReduce('windowFunnel({WINDOW})', arrayMap(t -> toUInt64(t), times), {masks})"
        yield "funnel", {
            "arrays": f"SELECT {levels} FROM (SELECT {reduced} level FROM log.ways) {settings}",
            "arrays, of who began": f"""SELECT {levels} FROM (SELECT {reduced} level FROM log.ways
                WHERE has(touchpoints, {STEPS[0]})) {settings}""",
            "rows": f"SELECT {levels} FROM ({funnel} GROUP BY customer) {settings}",
            "rows, of the steps": f"SELECT {levels} FROM ({funnel} {some} GROUP BY customer) {settings}",
            "rows, in order": f"SELECT {levels} FROM ({funnel} GROUP BY customer) {in_order}",
            "rows, of the steps in order": f"SELECT {levels} FROM ({funnel} {some} GROUP BY customer) {in_order}",
        }
        steps = ", ".join(f"({n}, touchpoints[{n + 1}], touchpoints[{n + 2}])" for n in range(4))
        yield "paths", {
            "arrays": f"""SELECT p.1, p.2, p.3, count() FROM (SELECT arrayJoin(arraySlice([{steps}], 1,
                least(4, length(touchpoints) - 1))) p FROM log.ways WHERE length(touchpoints) > 1) GROUP BY p {settings}""",
        }
        weeks = f"""arrayDistinct(arrayMap(ms -> intDiv(ms - {BOUNDS[0]}, {WEEK}),
            arrayFilter(ms -> ms < {BOUNDS[-1]}, times)))"""
        yield "retention", {
            "arrays": f"""SELECT v[1] first, w - first later, count() FROM (SELECT {weeks} v FROM log.ways)
                ARRAY JOIN v AS w GROUP BY first, later {settings}""",
        }
        calls = f"arrayFilter((ms, t) -> t = {CONTACT}, times, touchpoints)"
        moment = f"""arrayMap((ms, t) -> (t, arrayExists(c -> c > ms AND c <= ms + {HORIZON}, calls),
            arrayExists(c -> c < ms AND c >= ms - {HORIZON}, calls)), times, touchpoints)"""
        yield "friction", {
            "arrays, counts alone": f"""SELECT p.1, count(), countIf(p.2), countIf(p.3)
                FROM (SELECT arrayJoin({moment}) p FROM (SELECT touchpoints, times, {calls} calls FROM log.ways))
                GROUP BY p.1 {settings}""",
        }


def expected(question):
    """What the kernel found, in the form of the engines' rows."""
    result = KERNELS[question]["result"]
    if question == "map_counts":
        return [(edge["from"], edge["to"], edge["count"]) for edge in result["edges"]]
    if question == "map_durations":
        return [(edge["from"], edge["to"], edge["count"], edge["durations"]["mean_ms"],
                 edge["durations"]["median_ms"], edge["durations"]["p90_ms"]) for edge in result["edges"]]
    if question == "funnel":
        return [tuple(step["customers"] for step in result["steps"])]
    if question == "friction":
        return [(CONTACT, result["contacts"] + result["repeats"], result["repeats"])]
    if question == "paths":
        return [(edge["step"], edge["from"], edge["to"], edge["paths"]) for edge in result["edges"]]
    return [(week, later, cell["customers"]) for week, cohort in enumerate(result["cohorts"])
            for later, cell in enumerate(cohort["cells"]) if cell["customers"]]


def check(engine, question, form, rows):
    rows, wanted = sorted(tuple(row) for row in rows), sorted(expected(question))
    if question == "friction":
        rows = [(row[0], row[1], row[3]) for row in rows if row[0] == CONTACT]
    if question == "map_durations":
        # The mean is a fraction; chDB's exact quantile is of another rank than the nearest, so only DuckDB's are compared.
        def comparable(row):
            return row[:3] + (round(row[3], 1),) + (row[4:6] if engine == "DuckDB" else ())
        rows, wanted = [comparable(row) for row in rows], [comparable(row) for row in wanted]
    if rows != wanted:
        odd = [pair for pair in zip(rows, wanted) if pair[0] != pair[1]][:3]
        sys.exit(f"{engine} finds something else for {question} ({form}): {len(rows)} and {len(wanted)} rows, {odd}")


def clock(ask, sql):
    """The median time of some runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        ask(sql)
        times.append(time.perf_counter() - start)
    return sorted(times)[RUNS // 2]


def main():
    answers = []
    for engine in (Duck, House):
        start = time.perf_counter()
        running = engine()
        print(f"{engine.name} loaded the events in {time.perf_counter() - start:.1f} s", file=sys.stderr)
        for question, forms in running.questions():
            for form, sql in forms.items():
                check(engine.name, question, form, running.ask(sql))
                seconds = clock(running.ask, sql)
                answers.append({"engine": engine.name, "question": question, "form": form, "seconds": seconds})
                print(f"{engine.name:8} {question:14} {form:28} {seconds:8.3f} s", file=sys.stderr)
        del running
    print(json.dumps(answers))


main()
