"""A worker's connection, when the server on its other end changes."""

import asyncio

from psycopg import AsyncConnection

from ostatok.delivery.database import Database


def test_a_server_that_takes_no_writes_any_more_is_left_for_a_new_connection(transactional_db: None) -> None:
    seen: list[int] = []

    async def write(connection: AsyncConnection) -> None:
        seen.append(connection.info.backend_pid)
        if len(seen) == 1:
            await connection.execute("set transaction read only")
        await connection.execute("delete from worker")

    async def run() -> int:
        database = Database(patience=10)
        await database.run(write)
        await database.close()
        return database.connected

    assert asyncio.run(run()) == 2
    assert len(set(seen)) == len(seen) == 2
