public import JSONText
public import SessionModel

/// A point in time with its zone's offset.
public typealias Timestamp = SessionModel.Timestamp

/// A block of a message in the model that all formats share.
public typealias Block = SessionModel.Block

/// JSON kept byte for byte.
public typealias RawJSON = JSONText.RawJSON
