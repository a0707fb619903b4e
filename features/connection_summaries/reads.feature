Feature: Reads of connection summaries

  The list of all connections costs the same whatever they hold; one connection
  alone is read in depth. Equal reads may share a look, and no answer is older
  than its question.

  Rule: Full-list reads coalesce (CS-02)

    @CS-02.1 @host @claim.stage @claim.trace
    Scenario: duplicate full-list reads reuse one in-flight projection (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 3       |
        | second     | 3       |
      When twelve readers ask for the list, eleven of them while the first one's look is held open
      # T1
      Then every reader is answered, and none with what was before it came
      # T2
      And the one read alone took a look of its own and waited for nobody

    @CS-02/shared @body @host @claim.stage @claim.trace
    Scenario: Duplicate readers do not each take a look
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 3       |
      When twelve readers ask for the list, eleven of them while the first one's look is held open
      # T1
      Then fewer looks were taken than there were readers

    @CS-02/failed-look @advice @host @claim.stage @claim.trace
    Scenario: A look that failed is told to those who waited for it, and not kept
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 3       |
      When twelve readers ask for the list while the first one's look is held open, and that look fails
      # T1
      Then the reader whose look failed is told so, and whoever comes later has an answer

  Rule: Retained sizes are read once (CS-03)

    @CS-03.1 @host @claim.stage @claim.trace
    Scenario: full list reuses one retained-size snapshot (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
        | second     | 7       |
      When the owner reads the list at these sizes, once nothing is left to be folded
        | connections | records |
        | 3           | 30      |
        | 30          | 30      |
      # T1
      Then the list costs the same few statements at every size, and no write
      # T1
      And the list reads a few rows a connection, however many records there are
      # T2
      And the list tells how each connection does, as the scoped read does

    @CS-03.2 @host @claim.stage @claim.trace
    Scenario: scoped read stays scoped (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
      When the owner reads the list at these sizes, once nothing is left to be folded
        | connections | records |
        | 3           | 30      |
        | 30          | 30      |
      # T1 T2
      Then one connection alone costs the same at every size

    @CS-03/one-function @body @host @claim.stage
    Scenario: List and scoped read tell the same
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
        | second     | 7       |
      And the finished runs
        | called | of     | status    | reason        |
        | well   | first  | completed |               |
        | ill    | second | failed    | launch_failed |
      When the owner reads all connections, and each of them alone
      # T1
      Then the list tells how each connection does, as the scoped read does

  Rule: The overview stays shallow (CS-04)

    @CS-04.1 @host @claim.stage
    Scenario: full overview stays shallow (host)
      Given the time stands still, and there are the connections
        | connection | records |
        | first      | 5       |
        | second     | 7       |
      And the finished runs
        | called | of    | status    |
        | well   | first | completed |
      And the deep history of "second" is broken
      When the owner reads all connections, and each of them alone
      # T1 T2
      Then nothing is told of "second" in depth, and all else is told
      # control
      And the last run of "first" is "well"

    @CS-04.2 @host @claim.stage
    Scenario: scoped diagnostics retain run evidence (host)
      Given the time stands still, and there are the connections
        | connection |
        | first      |
        | second     |
      And the finished runs
        | called   | of     | status    | reason        | times |
        | success  | first  | completed |               |       |
        | failures | first  | failed    | run_timed_out | 200   |
        | other    | second | completed |               |       |
      When the owner reads all connections, and each of them alone
      # T1 T2
      Then "first" alone shows its success behind "failures", with their reasons
      # T2
      And the last successful run of "first" is "success"
