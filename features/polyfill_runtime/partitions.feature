Feature: Partitioned streams

  A source whose parts appear, grow and vanish independently of each other.
  Whatever a connector's cursor looks like, its records and its own words about
  what is missing decide.

  Rule: Missing partitions are surfaced (PR-01)

    @PR-01.1 @connector @claim.partitions @claim.inventory
    Scenario: Previously observed partition disappears (connector)
      Given a source with the partitions "alpha, beta, gamma"
      And a finished run with records
      And the partition "beta" disappears
      When the owner starts a run
      # T1
      Then the connector says in bounded lines that "beta" is missing
      # T2
      And what it says names "beta" and repeats nothing of its content
      # T3
      And its run is not a clean complete run

    @PR-01.1 @host
    Scenario: Previously observed partition disappears (host)
      Given the kit's own connector with the streams "messages, files"
      When it reports in these runs
        | run   | stream   | missing     |
        | whole |          |             |
        | holed | messages | beta, delta |
      # T3
      Then the owner sees of the run "holed" what is missing from "messages"
      # control
      And the owner sees no gap of the run "whole"

    @PR-01.2 @connector @claim.partitions @claim.inventory
    Scenario: Prior partition remains present (connector)
      Given a source with the records
        | partition | record | at                   |
        | alpha     | a1     | 2024-01-01T08:00:00Z |
        | hollow    |        |                      |
        | team      | t1     | 2024-01-02T08:00:00Z |
        | team-2    | u1     | 2024-01-03T08:00:00Z |
      And a finished run with records
      And a finished run
      And the partition "team" disappears
      When the owner starts a run
      # T1
      Then "alpha, hollow, team-2" are never named as missing
      # control
      And "team" is named as missing

    @PR-01/still-missing @body @connector @claim.partitions @claim.inventory
    Scenario: A partition that stays away is reported again and again
      Given a source with the partitions "alpha, beta"
      And a finished run with records
      And the partition "beta" disappears
      And a run is over
      And a run is over
      When the owner starts a run
      # T1
      Then the connector says in bounded lines that "beta" is missing

    @PR-01/empty-partition @body @connector @claim.partitions @claim.inventory
    Scenario: A partition that held no record is missed as well
      Given a source with the partitions "alpha"
      And the empty partition "hollow"
      And a finished run with records
      And the partition "hollow" disappears
      When the owner starts a run
      # T1
      Then the connector says in bounded lines that "hollow" is missing

    @PR-01/many-missing @body @connector @claim.partitions @claim.inventory
    Scenario: Thousands of missing partitions are told within bounds
      Given a source with the partitions "alpha"
      And 2000 more partitions with names of 150 characters
      And a finished run with records
      And those 2000 partitions disappear
      When the owner starts a run
      # T1
      Then no line about a gap is longer than 64 KiB
      # T2
      And the missing ones are all named, or some with their number and a mark

    @PR-01/narrowed-run @advice @connector @claim.partitions @claim.inventory @claim.resources
    Scenario: A narrowed run says nothing of partitions outside it
      Given a source with the partitions "alpha, beta"
      And a finished run with records
      And the partition "beta" disappears
      When the owner starts a run of "alpha" alone and then a whole run
      # T1
      Then "beta" is not named in the run of "alpha"
      # control
      And "beta" is named as missing

    @PR-01/unreadable-inventory @advice @connector @claim.partitions @claim.inventory
    Scenario: A source that cannot be listed is no empty one
      Given a source with the partitions "alpha, beta"
      And a finished run with records
      And the source cannot be listed
      When the owner starts a run
      # T1
      Then "alpha, beta" are in no line about what is missing
      # T2
      And its run is not a clean complete run
      # control
      And "a record" was seen

  Rule: High-water is kept for each partition (PR-02)

    @PR-02.1 @connector @claim.partitions
    Scenario: Partition has its own cursor (connector)
      Given a source with the records
        | partition | record | at                   |
        | team      | q1     | 2019-03-01T08:00:00Z |
        | team      | q2     | 2020-03-01T08:00:00Z |
        | team-2    | b1     | 2025-03-01T08:00:00Z |
      And a finished run with records
      And the source gains the records
        | partition | record | at                   |
        | team      | q3     | 2021-03-01T08:00:00Z |
      When the owner starts a run
      # T1
      Then "q3" is emitted and "q1" is not emitted again
      # T2
      And "q3" is emitted although "team-2" is further on

    @PR-02.2 @connector @claim.partitions @claim.legacy_cursor
    Scenario: Legacy global cursor exists without a partition cursor (connector)
      Given a source with the records
        | partition | record | at                   |
        | active    | a1     | 2020-05-01T08:00:00Z |
        | still     | s1     | 2020-04-01T08:00:00Z |
        | active    | a2     | 2022-05-01T08:00:00Z |
      And an older cursor that stands at "2021-01-01T00:00:00Z" for all partitions
      And a finished run
      And the source gains the records
        | partition | record | at                   |
        | still     | s2     | 2021-09-01T08:00:00Z |
      When the owner starts a run
      # T1
      Then the run that began with the older cursor emitted "a2"
      # T2
      And "s2" is emitted although "active" is further on

    @PR-02/return-and-resume @body @connector @claim.partitions
    Scenario: A partition that returns goes on where it was
      Given a source with the records
        | partition | record | at                   |
        | away      | w0     | 2019-06-01T08:00:00Z |
        | away      | w1     | 2020-06-01T08:00:00Z |
        | home      | h1     | 2024-06-01T08:00:00Z |
      And a finished run with records
      And the partition "away" disappears
      And a run is over
      And the partition "away" returns with "w2" of "2020-07-01T08:00:00Z" besides
      When the owner starts a run
      # T1
      Then "w2" is emitted and "w0" is not emitted again

    @PR-02/late-partition @body @connector @claim.partitions
    Scenario: A partition that turns up late is collected from its beginning
      Given a source with the records
        | partition | record | at                   |
        | known     | k1     | 2024-06-01T08:00:00Z |
      And a finished run with records
      And the source gains the records
        | partition | record | at                   |
        | newcomer  | n1     | 2019-06-01T08:00:00Z |
      When the owner starts a run
      # T1
      Then "n1" is emitted although "known" is further on

    @PR-02/equal-times @advice @connector @claim.partitions
    Scenario: A record of the very same time is not lost
      Given a source with the records
        | partition | record | at                        |
        | quiet     | q1     | 2019-03-01T08:00:00Z      |
        | quiet     | q2     | 2020-03-01T08:00:00Z      |
      And a finished run with records
      And the source gains the records
        | partition | record | at                        |
        | quiet     | q3     | 2020-03-01T05:00:00-03:00 |
      When the owner starts a run
      # T1
      Then "q3" is emitted and "q1" is not emitted again
