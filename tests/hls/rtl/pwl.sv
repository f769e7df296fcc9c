// Sigmoid or tanh as 64 linear segments of 2^BITS codes (docs/numerics.md, section 6), one multiplier.
// TABLE: 64 words of knot (16 bits) and rise to the next knot (11 bits), written from pynq_lstm/sigma_knots.py.
// Four registers. Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module pwl #(parameter SIGMOID = 1, parameter TABLE = "sigmoid.hex") (
  input clk,
  input signed [15:0] pre,
  output reg signed [15:0] y
);
  localparam BITS = SIGMOID ? 9 : 8;
  localparam [16:0] LIMIT = SIGMOID ? 32767 : 16383;
  localparam [15:0] ONE = SIGMOID ? 32768 : 0;
  reg [26:0] segments [0:63];
  initial $readmemh(TABLE, segments);

`ifdef SEEDED_PWL  // |-32768| does not fit 16 bits
  wire [15:0] absolute = pre[15] ? -pre : pre;
  wire [16:0] limited = {1'b0, absolute};
`else
  wire [16:0] absolute = pre[15] ? -{pre[15], pre} : {1'b0, pre};
  wire [16:0] limited = absolute > LIMIT ? LIMIT : absolute;
`endif
  reg [2:0] negatives;
  reg [5:0] segment;
  reg [BITS-1:0] position;
  reg [BITS-1:0] place;
  reg [26:0] knot_and_rise;
  reg [15:0] knot;
  reg [BITS+10:0] climbed;
  wire [BITS+10:0] rounded = climbed + (1 << (BITS - 1));
  wire [15:0] magnitude = knot + {5'd0, rounded[BITS+10:BITS]};
  always @(posedge clk) begin
    negatives <= {negatives[1:0], pre[15]};
    segment <= limited[BITS+5:BITS];
    position <= limited[BITS-1:0];
    knot_and_rise <= segments[segment];
    place <= position;
    knot <= knot_and_rise[26:11];
    climbed <= knot_and_rise[10:0] * place;
    y <= negatives[2] ? ONE - magnitude : magnitude;
  end
endmodule
