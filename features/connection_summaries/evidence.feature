Feature: Maintained evidence, synthesised verdicts

  What is known of a connection is kept as it changes. What follows from it now
  is worked out when somebody asks, for time passes without anybody writing.

  Rule: Evidence is a maintained read model (CS-06)

    @CS-06.1 @host @claim.stage @claim.trace
    Scenario: Full connector list reads maintained evidence (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
      When the owner reads the list at these sizes, once nothing is left to be folded
        | connections | records |
        | 3           | 30      |
        | 30          | 300     |
        | 300         | 10      |
      # T1
      Then the list costs the same few statements at every size, and no write
      # T2
      And the list reads a few rows a connection, however many records there are

    @CS-06/at-scale @advice @host @claim.stage @claim.trace
    Scenario: The full list costs the same at three connections and at three thousand
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
      When the owner reads the list at these sizes, once nothing is left to be folded
        | connections | records |
        | 3           | 1000    |
        | 30          | 1000    |
        | 300         | 1000    |
        | 3000        | 10      |
      # T1
      Then the list costs the same few statements at every size, and no write
      # T1
      And the list reads a few rows a connection, however many records there are
      # T2
      And one connection alone costs the same at every size

    @CS-06.2 @host @claim.stage
    Scenario: Record ingest updates summary evidence (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
      When the owner looks after each of these changes
        | change                    |
        | records                   |
        | an update of equal number |
        | a delete                  |
      # T1 T2
      Then each change shows in the very next look

    @CS-06/every-change @body @host @claim.stage @claim.browser_surface
    Scenario: Every kind of change shows in the very next look
      Given the time stands still, and there are the connections
        | connection | key   | records |
        | ana        | keyed | 5       |
      When the owner looks after each of these changes
        | change                |
        | a run that began      |
        | a word of its surface |
        | its end               |
        | a run                 |
        | a gap                 |
        | a surface event       |
        | a name                |
        | a schedule            |
        | a pause               |
        | a path                |
      # T1
      Then each change shows in the very next look

    @CS-06/one-broken @body @host @claim.stage
    Scenario: One connection that cannot be made out stops no other
      Given the time stands still, and there are the connections
        | connection |
        | first      |
        | second     |
      And the finished runs
        | called | of     | status    |
        | one    | first  | completed |
        | two    | second | completed |
      And the evidence of "second" is broken
      When the owner reads all connections, and each of them alone
      # T1
      Then "second" is not well, and the others are as they were

  Rule: Verdicts are synthesised on read (CS-07)

    @CS-07.1 @host @claim.stage
    Scenario: Freshness threshold changes without a write (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
      And the finished runs
        | called | of    | status    |
        | well   | first | completed |
      When every write is denied and the owner reads at
        | moment               |
        | 2026-05-01T10:30:00Z |
        | 2026-05-01T11:00:00Z |
        | 2026-05-01T11:00:01Z |
      # T1 T2
      Then "first" is "current, current, stale" at these moments, in the list and alone
      # T1
      And verdict and next action of "first" change with it

    @CS-07/liveness @body @host @claim.stage
    Scenario: What became of a run's process shows without a write
      Given the time stands still, and there are the connections
        | connection |
        | first      |
      And the finished runs
        | called | of    | status |
        | begun  | first | active |
      When every write is denied and the owner reads while the carrier of "first" is
        | carrier |
        | alive   |
        | dead    |
      # T1
      Then verdict and next action of "first" change with it

    @CS-07.2 @host @claim.stage
    Scenario: Scoped detail keeps deep diagnostics (host)
      Given the time stands still, and there are the connections
        | connection |
        | first      |
        | second     |
      And the finished runs
        | called   | of     | status    | reason        | times |
        | success  | first  | completed |               |       |
        | failures | first  | failed    | run_timed_out | 30    |
        | other    | second | completed |               |       |
      And the deep history of "second" is broken
      When the owner reads all connections, and each of them alone
      # T1
      Then "first" alone shows its success behind "failures", with their reasons
      # T2
      And nothing is told of "second" in depth, and all else is told
