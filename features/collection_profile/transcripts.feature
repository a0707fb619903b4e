Feature: Collection Profile

  What a connector owes its host in every run. The protocol monitor reads what
  crossed the connector's pipes in the runs of all its scenarios; each rule has
  a scenario of its own, so that a breach is told once and by its name.

  @CP-01 @profile @connector
  Scenario: Nothing is said before START
    Given a source with the partitions "alpha"
    And START is held back while the connector may speak
    When the owner starts a run
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-01"
    # control
    And "a START that came late" was seen

  @CP-02 @profile @connector
  Scenario: Every line is one JSON object in UTF-8
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-02"
    # control
    And "a run that ended well" was seen

  @CP-03 @profile @connector
  Scenario: Every message is known and has its shape
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-03"
    # control
    And "a run that ended well" was seen

  @CP-04 @profile @connector
  Scenario: Records and cursors are of the streams that were started
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-04"
    # control
    And "a record or a cursor" was seen

  @CP-05 @profile @connector @claim.partitions @claim.resources
  Scenario: Records lie within the resources that were asked for
    Given a source with the partitions "alpha, alphabet"
    When the owner starts a run of "alpha" alone
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-05"
    # control
    And "a record of a run of chosen resources" was seen

  @CP-06 @profile @connector
  Scenario: Records keep their stream's schema and key
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-06"
    # control
    And "a record" was seen

  @CP-07 @profile @connector
  Scenario: Append-only streams hold no delete
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then where "a record of an append-only stream" was seen, nothing breaks the rule "CP-07"
    # control
    And "a run that ended well" was seen

  @CP-08 @profile @connector
  Scenario: One question is open at a time
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then where "an INTERACTION" was seen, nothing breaks the rule "CP-08"

  @CP-09 @profile @connector
  Scenario: What DETAIL_COVERAGE counts adds up
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then where "a DETAIL_COVERAGE" was seen, nothing breaks the rule "CP-09"

  @CP-10 @profile @connector
  Scenario: DONE is said once and last
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-10"
    # control
    And "a run that ended well" was seen

  @CP-11 @profile @connector
  Scenario: DONE counts the records
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-11"
    # control
    And "a record" was seen

  @CP-12 @profile @connector
  Scenario: The exit status agrees with DONE
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-12"
    # control
    And "a run that ended well" was seen

  @CP-13 @profile @connector
  Scenario: No content of records shows elsewhere
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-13"
    # control
    And "a record with content that is watched for" was seen

  @CP-14 @profile @connector @claim.fields
  Scenario: Records hold no other fields than were asked for
    Given a source with the partitions "alpha"
    When the owner starts a run of the fewest fields
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-14"
    # control
    And "a record of a run of chosen fields" was seen

  @CP-15 @profile @connector @claim.time_range
  Scenario: Records lie within the window that was asked for
    Given a source with the records
      | partition | record | at                        |
      | alpha     | before | 2024-02-01T06:00:00+03:00 |
      | alpha     | first  | 2024-02-01T02:00:00-03:00 |
      | alpha     | inside | 2024-02-15T08:00:00Z      |
      | alpha     | last   | 2024-03-01T09:00:00+02:00 |
      | alpha     | after  | 2024-03-01T08:00:00Z      |
    When the owner starts a run of the stream of "alpha" from "2024-02-01T05:00:00Z" to "2024-03-01T08:00:00Z"
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-15"
    # control
    And "a record of a run of a window of time" was seen

  @CP-16 @profile @connector @claim.incremental
  Scenario: Its own cursor is taken back
    Given a source with the partitions "alpha"
    And a finished run with records
    When the owner starts a run
    # T1
    Then it ends by itself, "having succeeded"
    # control
    And "a record or a cursor" was seen

  @CP-17 @profile @connector
  Scenario: A stream that it does not have is no reason to break down
    Given a source with the partitions "alpha"
    When the owner starts a run of a stream that only the host knows
    # T1
    Then it ends by itself, "having emitted nothing"

  @CP-18 @profile @connector
  Scenario: Faults at its pipes are borne
    Given a source with the partitions "alpha, beta"
    When the kit starts it under each of these faults
      | fault                            |
      | START comes in pieces            |
      | its output is read slowly        |
      | its stdin is closed              |
      | SIGTERM while it speaks          |
      | START comes twice                |
      | its cursor is cut short          |
      | its cursor is a newer version's  |
      | its cursor is huge               |
      | the source is empty              |
      | the source breaks half-way       |
      | the clock is far ahead           |
    # T1
    Then it ends by itself, "whatever the fault"

  @CP-19 @profile @connector
  Scenario: What it claims and what it does agree
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-19"
    # control
    And "a run that ended well" was seen
