// One gate output of a word of the block-diagonal engine: the sum of N products of a weight and an operand, without a
// DSP. A product is a sum of the operand, shifted, over the bits of the weight, the last of which counts negative: no
// multiplier for synthesis to map. N = 1 is a multiplier by itself. Two registers.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module row_sum #(parameter N = 25, parameter WEIGHT = 4, parameter OPERAND = 8, parameter SUM = 17) (
  input clk,
  input [WEIGHT*N-1:0] weights,
  input [OPERAND*N-1:0] operands,
  output reg signed [SUM-1:0] sum
);
  localparam PRODUCT = WEIGHT + OPERAND;
  wire [PRODUCT*N-1:0] products;
  genvar j;
  generate
    for (j = 0; j < N; j = j + 1) begin : multiplier
      wire [WEIGHT-1:0] weight = weights[WEIGHT*j +: WEIGHT];
      wire signed [OPERAND-1:0] operand = operands[OPERAND*j +: OPERAND];
      wire signed [PRODUCT-1:0] wide = operand;
      reg signed [PRODUCT-1:0] partial, product;
      integer bit_;
      always @* begin
        partial = {PRODUCT{1'b0}};
        for (bit_ = 0; bit_ < WEIGHT - 1; bit_ = bit_ + 1)
          partial = partial + (weight[bit_] ? wide <<< bit_ : {PRODUCT{1'b0}});
`ifdef SEEDED_ROW_SUM  // the sign of the weight is lost
        partial = partial + (weight[WEIGHT-1] ? wide <<< (WEIGHT - 1) : {PRODUCT{1'b0}});
`else
        partial = partial - (weight[WEIGHT-1] ? wide <<< (WEIGHT - 1) : {PRODUCT{1'b0}});
`endif
      end
      always @(posedge clk) product <= partial;
      assign products[PRODUCT*j +: PRODUCT] = product;
    end
  endgenerate

  reg signed [SUM-1:0] total;
  integer i;
  always @* begin
    total = {SUM{1'b0}};
    for (i = 0; i < N; i = i + 1) total = total + $signed(products[PRODUCT*i +: PRODUCT]);
  end
  always @(posedge clk) sum <= total;
endmodule
